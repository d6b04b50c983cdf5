//! Hooks on threads of their own: one that hangs holds up its account, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Answer, Delivery, Hook, deliver};
use crate::value::Instant;

/// Threads that deliver, each with a hook of its own.
///
/// A task is with one of them at a time: while a hook hangs over it, it is not given to another. A thread whose hook hangs
/// is replaced by [`Workers::replace_hung`], so that the others go on however many accounts hang, up to
/// [`Workers::MOST_HUNG`] of them. Threads end when this is dropped; one that hangs ends with its hook, or with the
/// process.
pub struct Workers {
    queue: SyncSender<Delivery>,
    /// Where threads take tasks from, and what they tell.
    shared: Shared,
    answers: Receiver<(Delivery, Answer)>,
    make: Box<dyn FnMut() -> Box<dyn Hook + Send> + Send>,
    /// The keys that are with a thread, or wait for one.
    with_threads: BTreeSet<String>,
}

/// What threads share.
#[derive(Clone)]
struct Shared {
    tasks: Arc<Mutex<Receiver<Delivery>>>,
    told: Sender<(Delivery, Answer)>,
    /// What hooks are called for at the moment.
    called: Arc<Mutex<BTreeMap<String, Called>>>,
}

/// A call of a hook that has not come back.
#[derive(Clone, Copy, Debug)]
struct Called {
    /// When its task went out.
    at: Instant,
    /// Whether another thread has taken the place of this one, which ends if the hook comes back.
    replaced: bool,
}

impl Workers {
    /// So many threads are left behind with hooks that hang; beyond that one that hangs keeps its thread.
    pub const MOST_HUNG: usize = 64;

    /// So many threads; a function makes the hook of each, and of those that take the place of one that hangs.
    pub fn new<H: Hook + Send + 'static>(threads: usize, mut make: impl FnMut() -> H + Send + 'static) -> Self {
        let (queue, tasks) = sync_channel(threads.max(1));
        let (told, answers) = channel();
        let shared = Shared { tasks: Arc::new(Mutex::new(tasks)), told, called: Arc::default() };
        let make: Box<dyn FnMut() -> Box<dyn Hook + Send> + Send> = Box::new(move || Box::new(make()));
        let mut workers = Self { queue, shared, answers, make, with_threads: BTreeSet::new() };
        for _ in 0..threads.max(1) {
            workers.spawn();
        }
        workers
    }

    /// Puts threads in the place of those whose hook has not come back since so long (in nanoseconds, by the clock
    /// that the outbox is told). The keys over which they hang, each told once: a host lets people know.
    pub fn replace_hung(&mut self, now: Instant, patience: i64) -> Vec<String> {
        let mut called = lock(&self.shared.called);
        let mut hung = called.values().filter(|called| called.replaced).count();
        let mut keys = Vec::new();
        for (key, called) in called.iter_mut().filter(|(_, called)| !called.replaced && called.at.plus(patience) <= now) {
            if hung < Self::MOST_HUNG {
                hung += 1;
                called.replaced = true;
                keys.push(key.clone());
            }
        }
        drop(called);
        for _ in &keys {
            self.spawn();
        }
        keys
    }

    fn spawn(&mut self) {
        let (hook, shared) = ((self.make)(), self.shared.clone());
        thread::spawn(move || work(hook, &shared));
    }

    /// Gives a task to a thread. False when it is with one already, or no thread is free: it was not sent, and its
    /// [`super::Outbox`] will say again when it is due.
    pub fn send(&mut self, delivery: Delivery) -> bool {
        if !self.with_threads.insert(delivery.key.clone()) {
            return false;
        }
        let key = delivery.key.clone();
        let sent = self.queue.try_send(delivery).is_ok();
        if !sent {
            self.with_threads.remove(&key);
        }
        sent
    }

    /// The answers that have come in.
    pub fn answers(&mut self) -> Vec<(Delivery, Answer)> {
        let answers: Vec<(Delivery, Answer)> = self.answers.try_iter().collect();
        self.free(&answers);
        answers
    }

    /// Waits for an answer, so long at most; those that have come in.
    pub fn wait(&mut self, at_most: Duration) -> Vec<(Delivery, Answer)> {
        let mut answers: Vec<(Delivery, Answer)> = self.answers.recv_timeout(at_most).into_iter().collect();
        answers.extend(self.answers.try_iter());
        self.free(&answers);
        answers
    }

    /// How many tasks are with threads, or wait for one.
    pub fn busy(&self) -> usize {
        self.with_threads.len()
    }

    fn free(&mut self, answers: &[(Delivery, Answer)]) {
        for (delivery, _) in answers {
            self.with_threads.remove(&delivery.key);
        }
    }
}

/// What a thread does until nobody gives it anything, or another has taken its place.
fn work(mut hook: Box<dyn Hook + Send>, shared: &Shared) {
    loop {
        // The lock is held while waiting and given back before delivering.
        let next = lock(&shared.tasks).recv();
        let Ok(delivery) = next else { return };
        lock(&shared.called).insert(delivery.key.clone(), Called { at: delivery.sent_at, replaced: false });
        let answer = deliver(&mut *hook, &delivery);
        let called = lock(&shared.called).remove(&delivery.key);
        if shared.told.send((delivery, answer)).is_err() || called.is_some_and(|called| called.replaced) {
            return;
        }
    }
}

/// What panics while it holds a lock leaves nothing half done behind it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers").field("with_threads", &self.with_threads).finish_non_exhaustive()
    }
}
