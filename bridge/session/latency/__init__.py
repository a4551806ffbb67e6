"""The time from the hand to the picture, measured by a flash, kept, and used for cues that fall on the beat."""
