//! What survives what: processes that end at every point of a change, servers that are killed, damaged and full disks, and
//! machines that lose their power. `docs/reliability.md` says what was counted.

mod order;
mod points;
mod saved;
