//! What belongs to one process.

/// A value of the process that made it. In the child of a fork it can be neither used nor dropped: its threads are not
/// there, and its sockets are the parent's. There it is leaked.
#[derive(Debug)]
pub struct InProcess<T> {
    pid: u32,
    value: Option<T>,
}

impl<T> InProcess<T> {
    /// A value of this process.
    pub fn new(value: T) -> Self {
        InProcess {
            pid: std::process::id(),
            value: Some(value),
        }
    }

    fn is_ours(&self) -> bool {
        self.pid == std::process::id()
    }

    /// The value, in its own process.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.is_ours())
    }

    /// The value to be changed, in its own process.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        let is_ours = self.is_ours();
        self.value.as_mut().filter(|_| is_ours)
    }

    /// Gives the value up, in its own process.
    pub fn into_inner(mut self) -> Option<T> {
        if self.is_ours() {
            self.value.take()
        } else {
            None
        }
    }
}

impl<T> Drop for InProcess<T> {
    fn drop(&mut self) {
        if !self.is_ours() {
            std::mem::forget(self.value.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::InProcess;
    use std::sync::Arc;

    #[test]
    fn a_value_of_another_process_is_neither_used_nor_dropped() {
        let value = Arc::new(());
        let mut foreign = InProcess {
            pid: std::process::id() + 1,
            value: Some(value.clone()),
        };
        assert!(foreign.get().is_none() && foreign.get_mut().is_none());
        drop(foreign);
        let foreign = InProcess {
            pid: std::process::id() + 1,
            value: Some(value.clone()),
        };
        assert!(foreign.into_inner().is_none());
        assert_eq!(Arc::strong_count(&value), 3);

        let mut ours = InProcess::new(value.clone());
        assert!(ours.get().is_some() && ours.get_mut().is_some());
        drop(ours);
        assert!(InProcess::new(value.clone()).into_inner().is_some());
        assert_eq!(Arc::strong_count(&value), 3);
    }
}
