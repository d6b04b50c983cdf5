//! Sentences with figures computed by hand.
