"""What makes a book of the pages: which equations there are, who checks them, who uses them."""
