//! A session with figures computed by hand.
