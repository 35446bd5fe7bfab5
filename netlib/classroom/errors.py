"""What a teacher is told when something cannot be done."""


class CourseError(RuntimeError):
    """The course cannot do what was asked; the message says what to do."""
