"""People who try the product: fifteen tasks, a browser that notes what they do, and the table of it."""
