"""Why a run streamed as it did: its log, what it asked for, and what is known of its code."""
