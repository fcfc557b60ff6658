//! Files that the program writes, and those that it leaves alone.

mod written;
