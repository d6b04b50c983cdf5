//! Hooks that are futures, such as those of asynchronous clients.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::{Answer, Delivery, Hook};

/// A way of carrying out what programs ask for, as a future.
pub trait AsyncHook {
    /// As [`Hook::deliver`].
    fn deliver(&mut self, delivery: &Delivery) -> impl Future<Output = Answer>;
}

impl<F: AsyncFnMut(&Delivery) -> Answer> AsyncHook for F {
    fn deliver(&mut self, delivery: &Delivery) -> impl Future<Output = Answer> {
        self(delivery)
    }
}

/// An asynchronous hook as one for [`super::Workers`]: the thread waits for the future. One that does not come to its end
/// in time is dropped, and has not answered.
///
/// It belongs to no runtime. A future that needs one is spawned there by the hook, which waits for its handle.
#[derive(Clone, Debug)]
pub struct Waiting<H> {
    /// The hook.
    pub hook: H,
    /// How long it may take.
    pub at_most: Duration,
}

impl<H: AsyncHook> Hook for Waiting<H> {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        finished(self.hook.deliver(delivery), self.at_most).unwrap_or(Answer::Silence)
    }
}

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What a future came to, if it did in time.
#[expect(clippy::disallowed_methods, reason = "how long an answer is waited for; nothing is decided by it")]
fn finished<T>(future: impl Future<Output = T>, at_most: Duration) -> Option<T> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let began = Instant::now();
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(value);
        }
        // A wake between the two is kept for the next parking; one that nobody asked for looks again.
        let left = at_most.checked_sub(began.elapsed()).filter(|left| !left.is_zero())?;
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;

    use super::*;
    use crate::hooks::tests::delivery;
    use crate::hooks::{Workers, deliver};

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_future_is_waited_for_until_another_thread_wakes_it() {
        let (give, answers) = channel::<Waker>();
        let done = Arc::new(AtomicBool::new(false));
        let is_done = Arc::clone(&done);
        let hook = async move |_: &Delivery| {
            poll_fn(|context| {
                if is_done.load(Ordering::SeqCst) {
                    return Poll::Ready(());
                }
                give.send(context.waker().clone()).unwrap();
                Poll::Pending
            })
            .await;
            Answer::Done
        };
        let platform = thread::spawn(move || {
            let first = answers.recv().unwrap();
            // Once for nothing: it looks, and waits on.
            first.wake();
            let second = answers.recv().unwrap();
            done.store(true, Ordering::SeqCst);
            second.wake();
        });
        assert_eq!(Waiting { hook, at_most: LONG }.deliver(&delivery("A")), Answer::Done);
        platform.join().unwrap();
    }

    #[test]
    fn a_future_that_hangs_is_dropped_and_has_not_answered() {
        struct Dropped(Arc<AtomicBool>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let dropped = Arc::new(AtomicBool::new(false));
        let hook = async |_: &Delivery| {
            let _guard = Dropped(Arc::clone(&dropped));
            pending::<Answer>().await
        };
        assert_eq!(Waiting { hook, at_most: Duration::from_millis(20) }.deliver(&delivery("A")), Answer::Silence);
        assert!(dropped.load(Ordering::SeqCst));
        let panics = async |_: &Delivery| -> Answer { panic!("a hook gone wrong") };
        assert_eq!(deliver(&mut Waiting { hook: panics, at_most: LONG }, &delivery("A")), Answer::Silence);
    }

    #[test]
    fn workers_take_it_as_any_other() {
        let mut workers =
            Workers::new(2, || Waiting { hook: async |delivery: &Delivery| Answer::Failed(delivery.key.clone()), at_most: LONG });
        let task = delivery("A");
        assert!(workers.send(task.clone()));
        assert_eq!(workers.wait(LONG), [(task.clone(), Answer::Failed(task.key))]);
    }
}
