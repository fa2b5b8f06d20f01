"""Where box scores come from; every source ends in one raw layout."""
