"""What is watched: the files of an operator as values, with all that is wrong in them."""
