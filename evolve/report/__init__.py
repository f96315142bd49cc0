"""Terminal views: how runs, candidates and problems are shown to people, and as JSON to programs."""
