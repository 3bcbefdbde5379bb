"""For instructors: agenda, guide, slides, a class's answers, and the test before and after."""
