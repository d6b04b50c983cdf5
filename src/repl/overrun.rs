//! Limits that are broken and whose breach only begins later: what no decision tells.

use super::course::Course;
use super::program::Program;
use crate::engine::LimitReport;
use crate::outcome::Change;
use crate::sentences::beyond;
use crate::value::Instant;

/// How many due instants are looked at for a breach to begin.
const MOST_INSTANTS: usize = 64;

impl Course {
    /// How the limits stand; none while the account is not open.
    pub(super) fn limits(&self) -> Vec<LimitReport> {
        self.world.account().map(|account| account.limits()).unwrap_or_default()
    }

    /// A sentence for each limit that was kept before and is broken now, while its breach is not decided yet.
    pub(super) fn overruns(&self, program: &Program, before: &[LimitReport], decided: usize) -> Vec<String> {
        let was_broken =
            |now: &LimitReport| before.iter().any(|known| known.title == now.title && known.instance == now.instance && known.broken);
        let broken = self.limits().into_iter().filter(|limit| limit.in_force && limit.broken && !was_broken(limit));
        let waits = broken.filter(|limit| !self.breached_since(decided, limit));
        waits.map(|limit| self.overrun(program, &limit)).collect()
    }

    fn overrun(&self, program: &Program, limit: &LimitReport) -> String {
        let by = beyond(&limit.headroom).map_or_else(|| "is broken".to_owned(), |by| format!("is over by {by}"));
        match self.breaches_at(limit) {
            Some(at) => {
                let at = program.ir().header.day.zone.to_local(at);
                format!("\"{}\" {by}; it breaches at {at} unless mended", limit.title)
            }
            None => format!("\"{}\" {by}, which is no breach yet", limit.title),
        }
    }

    /// When a broken limit is breached if nothing but time goes on.
    fn breaches_at(&self, limit: &LimitReport) -> Option<Instant> {
        let mut later = self.clone();
        for _ in 0..MOST_INSTANTS {
            let due = later.world.account()?.status().next_due?;
            let before = later.world.decisions().len();
            later.pass(due);
            if later.breached_since(before, limit) {
                return Some(due);
            }
        }
        None
    }

    fn breached_since(&self, decided: usize, of: &LimitReport) -> bool {
        let changes = self.decided_since(decided).iter().flat_map(|decision| &decision.outcome.changes);
        changes
            .into_iter()
            .any(|change| matches!(change, Change::Breach { limit, instance, .. } if *limit == of.title && *instance == of.instance))
    }
}
