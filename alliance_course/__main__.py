"""`python3 -m alliance_course` in a checkout starts the course, with nothing but Python."""

from alliance_tools.start.first_start import main

if __name__ == "__main__":
    main()
