"""The tables of the course, the published findings and how they are cited."""
