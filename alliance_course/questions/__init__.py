"""Questions, labels and the capstone: their texts, how they are judged, what is kept."""
