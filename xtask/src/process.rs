//! Starting other programs, and never leaving one behind.
//!
//! Each program gets a process group of its own, so that one signal reaches it and all its
//! children, and nothing that merely carries a similar name.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

static INTERRUPTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on Ctrl-C, TERM and HUP set a flag instead of ending xtask, so that it can clean up.
pub fn catch_signals() -> Result<()> {
    let flag = INTERRUPTED.get_or_init(|| Arc::new(AtomicBool::new(false)));
    for signal in [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, Arc::clone(flag)).context("cannot catch signals")?;
    }
    Ok(())
}

/// Whether somebody asked xtask to stop.
pub fn interrupted() -> bool {
    INTERRUPTED
        .get()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Starts a program in a process group of its own, without standard input.
pub fn start(command: &mut Command) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))
}

/// Runs a program to its end; ends it when xtask is interrupted. An error unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    let mut child = start(command)?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if interrupted() {
            stop(&mut child, Signal::TERM);
            bail!("interrupted");
        }
        std::thread::sleep(POLL);
    };
    if interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Asks a program's group to end with `signal`, kills it after a grace period, and waits for it.
pub fn stop(child: &mut Child, signal: Signal) -> Option<ExitStatus> {
    if let Ok(Some(status)) = child.try_wait() {
        return Some(status);
    }
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // A failure here means that it has just ended by itself.
        let _ = kill_process_group(group, signal);
    }
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(POLL);
    }
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    child.wait().ok()
}

/// The command line as one would type it.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut line = program
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "sh -c exit 3 ended with exit status: 3");
    }

    #[test]
    fn stopping_reaches_the_children_of_the_program() {
        let folder = std::env::temp_dir().join(format!("xtask-stop-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let note = folder.join("grandchild");
        let script = format!("sleep 600 & echo $! > '{}'; wait", note.display());
        let mut child = start(Command::new("sh").args(["-c", &script])).unwrap();
        let grandchild = loop {
            let text = std::fs::read_to_string(&note).unwrap_or_default();
            if text.ends_with('\n') {
                break text.trim().to_owned();
            }
            std::thread::yield_now();
        };
        stop(&mut child, Signal::TERM).unwrap();
        let ended = || {
            // Gone, or a zombie until its new parent looks.
            std::fs::read_to_string(format!("/proc/{grandchild}/stat"))
                .map_or(true, |stat| stat.contains(") Z "))
        };
        let started = Instant::now();
        while !ended() && started.elapsed() < GRACE {
            std::thread::yield_now();
        }
        assert!(ended(), "the sleeping grandchild still runs");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
