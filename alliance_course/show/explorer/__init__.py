"""Interactive pictures: what one is made of, its widget, its still."""

from alliance_course.show.explorer.controls import Axis, Choice
from alliance_course.show.explorer.parts import BOND, sd_axis
from alliance_course.show.explorer.picture import Picture, Readout
from alliance_course.show.explorer.widget import Explorer

__all__ = ["BOND", "Axis", "Choice", "Explorer", "Picture", "Readout", "sd_axis"]
