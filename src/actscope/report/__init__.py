"""The answers of a study, or of theory, as something to look at.

Finished answers in, figures with a sentence each out, or a page of all of them: which ones there
are, what stands together in one, and what it is called. What a figure looks like is the business
of `figures`, what a page does, of `pages`; what a number means, of `answers` and `stats`. Nothing
here trains, computes an estimate, or writes a file.
"""

from actscope.report._beside import beside as beside
from actscope.report._contrast_part import Probed as Probed
from actscope.report._contrast_part import contrast as contrast
from actscope.report._gallery import gallery as gallery
from actscope.report._joint_part import joint as joint
from actscope.report._probe_page import probe_page as probe_page
from actscope.report._runs_page import runs_page as runs_page
from actscope.report._study_page import study_page as study_page
from actscope.report._theory import phases as phases
from actscope.report._theory import theory_gallery as theory_gallery
