"""From what was given to a source: which kind it is, its options, labels and parts."""
