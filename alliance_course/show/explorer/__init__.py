"""Interactive pictures: what one is made of, its widget, its still."""
