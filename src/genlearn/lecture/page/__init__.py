"""The lecture as one page that asks the network for nothing."""
