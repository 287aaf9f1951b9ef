"""The language of a policy: fields, requests, revisions, vocabulary, determinations."""
