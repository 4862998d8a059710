# The part of lxml that we use, which ships no types.
