//! What can be asked of executions, named as the API of Step Functions names it.

use std::time::Duration;

use baton_engine::{
    Begun, Control, Entry, Execution, Info, Journal as _, JournalError, Origin, Outcome, Record,
    Stimulus, TaskError, WorkflowKind,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{ExecutionError, Executions, Start, Status, Summary, Unsettled, name};

/// How often an execution that falls asleep again and again is asked.
const ATTEMPTS: u32 = 100;
/// How often a waiting caller looks whether another process ended an execution.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);

impl Executions {
    /// Starts an execution. Starting one that runs, with the same input, does nothing.
    ///
    /// # Errors
    /// When the name is not one or is taken, the definition is not sound, or the store fails.
    pub async fn start(&self, start: Start) -> Result<(), ExecutionError> {
        name::check(&start.name)?;
        self.begin(start).await
    }

    /// The same with a name that was made here, whatever its length.
    pub(super) async fn begin(&self, start: Start) -> Result<(), ExecutionError> {
        self.0.machine(&start.definition)?;
        let mut info = Info::local(&start.machine, &start.name);
        info.kind = WorkflowKind::Standard;
        // The lower half is enough for the seed.
        info.seed = self.0.clock.entropy() as u64;
        let begun = Begun {
            definition: start.definition,
            info,
            input: start.input,
            started: Timestamp::now(),
            origin: None,
        };
        let entries = Vec::new();
        let record = Record { begun, entries };
        match self.0.journal.begin(&record).await {
            Err(JournalError::Conflict(name)) => self.started_before(name, &record).await?,
            begun => begun?,
        }
        self.wake(&record.begun.info.name);
        Ok(())
    }

    async fn started_before(&self, name: String, record: &Record) -> Result<(), ExecutionError> {
        let known = self.0.record(&name).await?;
        let same = known.begun.input == record.begun.input
            && known.begun.info.machine_name == record.begun.info.machine_name;
        if same && self.describe(&name).await?.status == Status::Running {
            return Ok(());
        }
        Err(ExecutionError::AlreadyExists(name))
    }

    /// Takes up every execution that is open: to be called once, when the process starts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(&self) -> Result<usize, ExecutionError> {
        let open = self.list(Some(Status::Running), usize::MAX).await?;
        for execution in &open {
            self.wake(&execution.name);
        }
        Ok(open.len())
    }

    /// What is known of an execution.
    ///
    /// # Errors
    /// When there is none of this name, or the store fails.
    pub async fn describe(&self, name: &str) -> Result<Summary, ExecutionError> {
        let summary = self.0.journal.summary(name).await?;
        summary.ok_or_else(|| ExecutionError::DoesNotExist(name.to_owned()))
    }

    /// Executions, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        status: Option<Status>,
        limit: usize,
    ) -> Result<Vec<Summary>, ExecutionError> {
        Ok(self.0.journal.list(status, limit).await?)
    }

    /// Everything that an execution was begun with.
    ///
    /// # Errors
    /// When there is none of this name, or the store fails.
    pub async fn begun(&self, name: &str) -> Result<Begun, ExecutionError> {
        Ok(self.0.record(name).await?.begun)
    }

    /// The history of an execution, as `GetExecutionHistory` answers it.
    ///
    /// # Errors
    /// When there is none of this name, or the store fails.
    pub async fn history(&self, name: &str) -> Result<Vec<Value>, ExecutionError> {
        let record = self.0.record(name).await?;
        let machine = self.0.machine(&record.begun.definition)?;
        let events = Execution::history(machine, &record).into_iter();
        let history = events.filter(|event| event.kind.is_history());
        Ok(history
            .map(|event| event.to_history(&record.begun.info))
            .collect())
    }

    /// Waits until an execution is over.
    ///
    /// # Errors
    /// When there is none of this name, or the store fails.
    pub async fn wait(&self, name: &str) -> Result<Outcome, ExecutionError> {
        loop {
            // Listens before it looks, so that an end in between is not missed.
            let ended = self.0.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if let Some(outcome) = self.describe(name).await?.outcome {
                return Ok(outcome);
            }
            // Another process may have ended it, which rings no bell here.
            let _ = tokio::time::timeout(LOOK_AGAIN, ended).await;
        }
    }

    /// Returns when an execution ended, or after `longest`.
    pub(crate) async fn ended_within(&self, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.0.ended.notified()).await;
    }

    /// The executions of a machine whose ends nobody was told of.
    pub(crate) async fn unsettled(&self, machine: &str) -> Result<Vec<Unsettled>, ExecutionError> {
        Ok(self.0.journal.unsettled(machine).await?)
    }

    /// Somebody was told of an execution's end.
    pub(crate) async fn settled(&self, name: &str) -> Result<(), ExecutionError> {
        Ok(self.0.journal.settle(name).await?)
    }

    /// Stops an execution; does nothing when it is over.
    ///
    /// # Errors
    /// When there is none of this name, or the store fails.
    pub async fn stop(
        &self,
        name: &str,
        error: Option<String>,
        cause: Option<String>,
    ) -> Result<(), ExecutionError> {
        match self.ask(name, Control::Abort { error, cause }).await {
            Err(ExecutionError::TaskTimedOut) => Ok(()),
            stopped => stopped,
        }
    }

    /// Runs an execution on from the states at which it failed, was stopped or timed out.
    ///
    /// # Errors
    /// When it runs, succeeded or does not exist, or when the store fails.
    pub async fn redrive(&self, name: &str) -> Result<(), ExecutionError> {
        let status = self.describe(name).await?.status;
        if matches!(status, Status::Running | Status::Succeeded) {
            let name = name.to_owned();
            return Err(ExecutionError::NotRedrivable(name, status.name()));
        }
        let after = self.0.record(name).await?.entries.len();
        let entry = now(Stimulus::Redriven);
        self.0.journal.append(name, after, &[entry]).await?;
        self.wake(name);
        Ok(())
    }

    /// Starts a new execution that goes its own way from the last entry into a state on, with
    /// another input if one is given. What happened before is taken over, and not done again.
    ///
    /// # Errors
    /// When the state was never entered, the new name is not one or is taken, or the store
    /// fails.
    pub async fn fork(
        &self,
        name: &str,
        state: &str,
        input: Option<Value>,
        new_name: &str,
    ) -> Result<(), ExecutionError> {
        name::check(new_name)?;
        let parent = self.0.record(name).await?;
        let machine = self.0.machine(&parent.begun.definition)?;
        let seed = self.0.clock.entropy() as u64;
        let Some((mut entries, forked)) = parent.fork(machine, state, input, seed) else {
            return Err(ExecutionError::NeverEntered(
                name.to_owned(),
                state.to_owned(),
            ));
        };
        let forked = now(forked);
        let mut begun = parent.begun;
        let counts_from = begun.counts_from();
        // It is a new execution, but what it takes over happened when it did.
        begun.started = forked.at;
        entries.push(forked);
        let names = Info::local(&begun.info.machine_name, new_name);
        begun.info.name = names.name;
        begun.info.execution_id = names.execution_id;
        begun.origin = Some(Origin {
            execution: name.to_owned(),
            state: state.to_owned(),
            started: Some(counts_from),
        });
        let record = Record { begun, entries };
        match self.0.journal.begin(&record).await {
            Err(JournalError::Conflict(name)) => return Err(ExecutionError::AlreadyExists(name)),
            begun => begun?,
        }
        self.wake(new_name);
        Ok(())
    }

    /// Completes the task with this token.
    ///
    /// # Errors
    /// When no open task has the token, or the store fails.
    pub async fn send_task_success(
        &self,
        token: &str,
        output: Value,
    ) -> Result<(), ExecutionError> {
        let (token, result) = (token.to_owned(), Ok(output));
        self.by_token(Control::Complete { token, result }).await
    }

    /// Fails the task with this token.
    ///
    /// # Errors
    /// When no open task has the token, or the store fails.
    pub async fn send_task_failure(
        &self,
        token: &str,
        error: TaskError,
    ) -> Result<(), ExecutionError> {
        let (token, result) = (token.to_owned(), Err(error));
        self.by_token(Control::Complete { token, result }).await
    }

    /// Says that the task with this token is alive.
    ///
    /// # Errors
    /// When no open task has the token, or the store fails.
    pub async fn send_task_heartbeat(&self, token: &str) -> Result<(), ExecutionError> {
        let token = token.to_owned();
        self.by_token(Control::Heartbeat { token }).await
    }

    /// A token begins with the name of its execution.
    async fn by_token(&self, control: Control) -> Result<(), ExecutionError> {
        let name = match &control {
            Control::Complete { token, .. } | Control::Heartbeat { token } => {
                token.rsplit_once('.').map(|(name, _)| name.to_owned())
            }
            Control::Abort { .. } => None,
        };
        let name = name.ok_or(ExecutionError::TaskTimedOut)?;
        match self.ask(&name, control).await {
            Err(ExecutionError::DoesNotExist(_)) => Err(ExecutionError::TaskTimedOut),
            asked => asked,
        }
    }

    /// Asks an execution, wherever it is; what it took in is kept.
    async fn ask(&self, name: &str, control: Control) -> Result<(), ExecutionError> {
        for _ in 0..ATTEMPTS {
            if self.describe(name).await?.status != Status::Running {
                return Err(ExecutionError::TaskTimedOut);
            }
            match self.wake(name).ask(control.clone()).await {
                Some(true) => return Ok(()),
                Some(false) => return Err(ExecutionError::TaskTimedOut),
                // It ended or fell asleep in between.
                None => tokio::time::sleep(BETWEEN_ATTEMPTS).await,
            }
        }
        let why = format!("the execution {name} cannot be driven");
        Err(JournalError::Unavailable(why).into())
    }
}

fn now(stimulus: Stimulus) -> Entry {
    let at = Timestamp::now();
    Entry { at, stimulus }
}
