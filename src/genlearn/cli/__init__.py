"""The command line. Flags and abilities are read from the models; none is named here."""
