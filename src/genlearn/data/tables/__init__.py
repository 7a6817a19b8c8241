"""Tables in text files: cells between separators, which are decided from many lines together."""
