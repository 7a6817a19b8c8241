"""What pages show of the codes of a model, beside the pages themselves: the map of what it learned
from, made once and kept; directions through codes; pictures that somebody brings."""
