"""The course's own form of the alliance: items, scores, reliability, agreement of raters."""
