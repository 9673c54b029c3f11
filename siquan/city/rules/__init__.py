"""Rule packs: categories, limits, responsibilities, working calendars."""
