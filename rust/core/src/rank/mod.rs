//! Ranks the memories of a partition for a question.

pub(crate) mod when;
