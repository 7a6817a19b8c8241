"""The commands that put codes to use: neighbours, cluster, map, probe."""
