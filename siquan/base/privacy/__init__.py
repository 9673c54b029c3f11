"""Personal data (个人信息): how long it is kept, what is held about a person, and what is gone."""
