//! `ringfence test --boundaries`

use super::super::Exit;
use super::Arguments;
use super::suite::Loaded;

pub(super) fn run(arguments: &Arguments, programs: &[Loaded]) -> Result<Exit, String> {
    let _ = (&arguments.plan, &arguments.out, programs);
    Err("to come".into())
}
