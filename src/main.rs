//! The `ringfence` command.

fn main() -> std::process::ExitCode {
    ringfence::tools::main()
}
