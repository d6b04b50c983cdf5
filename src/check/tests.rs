//! What checking finds, where no corpus of programs says it better.

mod reuse;
