//! The command line: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyctl::main(std::env::args_os())
}
