//! The running record of one check: current phase, times, facts and log.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::http::io::Meter;
use crate::log::{Log, Note};
use crate::outcome::{Class, Outcome, Phases, PingFacts, TlsFacts};
use crate::reason::{Failure, Phase};

/// Filled while a check runs. It outlives the check's future, so that a deadline that cuts the future
/// off still leaves the phase it was in and everything noted so far.
#[derive(Debug)]
pub(crate) struct Trace {
    started_at: Timestamp,
    start: Instant,
    phase: Phase,
    phase_began: Option<Instant>,
    phases: Phases,
    pub log: Log,
    pub address: Option<IpAddr>,
    pub status: Option<u16>,
    pub final_url: Option<String>,
    pub tls: Option<TlsFacts>,
    pub ping: Option<PingFacts>,
    pub answers: Vec<String>,
    /// A whole answer came, right or wrong.
    pub answered: bool,
    /// Waiting on the name servers of this machine, not on prescribed ones.
    pub own_resolver: bool,
    bytes_in: u64,
    bytes_out: u64,
    meter: Option<Arc<Meter>>,
}

impl Trace {
    pub fn start() -> Self {
        Self {
            started_at: Timestamp::now(),
            start: Instant::now(),
            phase: Phase::Dns,
            phase_began: None,
            phases: Phases::default(),
            log: Log::default(),
            address: None,
            status: None,
            final_url: None,
            tls: None,
            ping: None,
            answers: Vec::new(),
            answered: false,
            own_resolver: false,
            bytes_in: 0,
            bytes_out: 0,
            meter: None,
        }
    }

    /// Counts what goes over a new connection, beside what went over earlier ones.
    pub fn watch(&mut self, meter: Arc<Meter>) {
        self.settle_meter();
        self.meter = Some(meter);
    }

    fn settle_meter(&mut self) {
        if let Some(meter) = self.meter.take() {
            self.bytes_in += meter.read();
            self.bytes_out += meter.written();
        }
    }

    /// Closes the phase a deadline has cut off, and says which it was.
    pub fn cut_off(&mut self) -> Phase {
        if self.phase == Phase::FirstByte {
            // The header had begun to come: the wait was for the rest of it.
            if let Some(at) = self.meter.as_ref().and_then(|m| m.first_byte()) {
                self.enter_at(Phase::Transfer, at);
            }
        }
        self.leave();
        self.phase
    }

    /// Microseconds since the start.
    pub fn elapsed_us(&self) -> u64 {
        micros(self.start.elapsed())
    }

    /// Ends the current phase and begins another at the same instant.
    pub fn enter(&mut self, phase: Phase) {
        self.enter_at(phase, Instant::now());
    }

    /// Like [`Self::enter`], for an instant that was noted earlier.
    pub fn enter_at(&mut self, phase: Phase, at: Instant) {
        self.leave_at(at);
        self.phase = phase;
        self.phase_began = Some(at);
    }

    /// Ends the current phase.
    pub fn leave(&mut self) {
        self.leave_at(Instant::now());
    }

    fn leave_at(&mut self, at: Instant) {
        let Some(began) = self.phase_began.take() else {
            return;
        };
        let spent = micros(at.saturating_duration_since(began));
        let slot = match self.phase {
            Phase::Dns => &mut self.phases.dns_us,
            Phase::Connect => &mut self.phases.connect_us,
            Phase::Tls => &mut self.phases.tls_us,
            Phase::FirstByte => &mut self.phases.first_byte_us,
            Phase::Transfer => &mut self.phases.transfer_us,
        };
        *slot = Some(slot.unwrap_or(0) + spent);
    }

    /// Adds a line to the log.
    pub fn note(&mut self, note: Note) {
        let at = self.elapsed_us();
        self.log.push(at, note);
    }

    /// Closes the record. The log is kept for failures, or when `verbose`.
    pub fn finish(mut self, verdict: Result<(), Failure>, verbose: bool) -> Outcome {
        self.leave();
        self.settle_meter();
        self.phases.total_us = self.elapsed_us();
        let class = match verdict {
            Ok(()) => Class::Up,
            Err(Failure::Down(reason)) => Class::Down(reason),
            Err(Failure::Unknown(fault)) => Class::Unknown(fault),
        };
        let keep = verbose || class != Class::Up;
        let log = if keep {
            self.log.finish(self.phases.total_us)
        } else {
            Vec::new()
        };
        Outcome {
            started_at: self.started_at,
            class,
            phases: self.phases,
            address: self.address,
            status: self.status,
            final_url: self.final_url,
            tls: self.tls,
            ping: self.ping,
            answers: self.answers,
            answered: self.answered,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            log,
        }
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
