//! Task: calls a resource and waits for its answer.

use std::sync::Arc;

use serde_json::Value;

use crate::check::Reader;
use crate::dialect::Fault;
use crate::execution::{
    Activity, Details, Effect, EventKind, Execution, FrameId, Purpose, TaskId, TaskRequest, TimerId,
};
use crate::failure::{DATA_LIMIT, Failure};
use crate::jsonata::{EvalError, Scope, expression_text};
use crate::jsonpath::PathFault;
use crate::model::State;
use crate::operand::{Operand, optional_integer};

/// The longest timeout that AWS takes.
const LONGEST: u64 = 99_999_999;
/// Ends the resource of a task that someone else completes.
const TOKEN_SUFFIX: &str = ".waitForTaskToken";

/// `Resource` and its time limits.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) resource: Arc<str>,
    timeout: Option<Operand<u64>>,
    heartbeat: Option<Operand<u64>>,
}

/// A call in progress.
#[derive(Debug, Clone)]
pub(crate) struct TaskRun {
    pub(crate) task: TaskId,
    pub(crate) timeout: Option<TimerId>,
    /// The timer and its seconds, to set it anew.
    pub(crate) heartbeat: Option<(TimerId, u64)>,
    /// The call was made; someone else completes the task.
    pub(crate) submitted: bool,
}

impl Task {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let resource = reader.required_text("Resource").unwrap_or_default();
        if !resource.is_empty() {
            reader.integration(resource);
        }
        Self::credentials(reader);
        let (name, path) = ("TimeoutSeconds", "TimeoutSecondsPath");
        let timeout = reader.integer_operand(name, 1..=LONGEST);
        let timeout = reader.with_path(timeout, name, path);
        let (name, path) = ("HeartbeatSeconds", "HeartbeatSecondsPath");
        let heartbeat = reader.integer_operand(name, 1..=LONGEST);
        let heartbeat = reader.with_path(heartbeat, name, path);
        if let (Some(Operand::Literal(timeout)), Some(Operand::Literal(heartbeat))) =
            (&timeout, &heartbeat)
            && heartbeat >= timeout
        {
            reader.report("HeartbeatSeconds", "must be smaller than TimeoutSeconds");
        }
        Self {
            resource: Arc::from(resource),
            timeout,
            heartbeat,
        }
    }

    /// Whose role the call is made with; the engine calls as itself.
    fn credentials(reader: &mut Reader<'_>) {
        let jsonata = reader.is_jsonata();
        let expression = |value: &Value| value.as_str().and_then(expression_text).is_some();
        if jsonata && reader.get("Credentials").is_some_and(expression) {
            reader.template("Credentials");
            return;
        }
        let Some(fields) = reader.object("Credentials") else {
            return;
        };
        let path = !jsonata && fields.contains_key("RoleArn.$");
        if !path && !fields.contains_key("RoleArn") {
            reader.report("Credentials", "needs a RoleArn");
        }
        reader.content("Credentials");
    }

    pub(crate) fn work(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
    ) -> Result<(), Failure> {
        if self.resource.ends_with(TOKEN_SUFFIX) {
            run.draw_token(frame);
        }
        let (arguments, limits) = run.evaluate(frame, |scope| {
            Ok((state.data.arguments(scope)?, self.limits(scope)?))
        })?;
        run.limit(&arguments, || too_large(&self.resource))?;
        self.call(state, run, frame, limits, arguments);
        Ok(())
    }

    fn limits(&self, scope: &Scope<'_>) -> Result<Limits, Fault> {
        let range = 1..=LONGEST;
        let (timeout, heartbeat) = (self.timeout.as_ref(), self.heartbeat.as_ref());
        let limits = Limits {
            timeout: optional_integer(timeout, scope, "TimeoutSeconds", range.clone())?,
            heartbeat: optional_integer(heartbeat, scope, "HeartbeatSeconds", range)?,
        };
        match (limits.timeout, limits.heartbeat) {
            (Some(most), Some(beat)) if beat >= most => Err(self.slow_heartbeat(most, beat)),
            _ => Ok(limits),
        }
    }

    /// The rule that the check has for literals, of limits that were computed.
    fn slow_heartbeat(&self, timeout: u64, heartbeat: u64) -> Fault {
        let beat =
            format!("returned {heartbeat}, which is not smaller than TimeoutSeconds ({timeout}).");
        let most = format!(
            "returned {timeout}, which is not greater than HeartbeatSeconds ({heartbeat})."
        );
        for (operand, field, what) in [
            (&self.heartbeat, "HeartbeatSeconds", beat),
            (&self.timeout, "TimeoutSeconds", most),
        ] {
            if let Some(Operand::Expression(expression)) = operand {
                let error = EvalError::range(expression.source(), what);
                return error.within(field).into();
            }
        }
        let what = format!(
            "HeartbeatSeconds ({heartbeat}) must be smaller than TimeoutSeconds ({timeout})."
        );
        PathFault::runtime(what).into()
    }

    fn call(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        limits: Limits,
        arguments: Arc<Value>,
    ) {
        self.tell_scheduled(run, frame, limits, &arguments);
        let task = run.next_task(frame);
        let mut timer = |seconds: u64, purpose| {
            let at = run.after_seconds(seconds);
            run.set_timer(frame, at, purpose)
        };
        let call = TaskRun {
            task,
            timeout: limits.timeout.map(|s| timer(s, Purpose::TaskTimeout)),
            heartbeat: limits.heartbeat.map(|s| (timer(s, Purpose::Heartbeat), s)),
            submitted: false,
        };
        run.set_activity(frame, Activity::Task(call));
        let (attempt, token) = run.attempt(frame);
        run.effect(Effect::Call(TaskRequest {
            id: task,
            resource: self.resource.to_string(),
            arguments,
            name: state.name.to_string(),
            state: state.path.to_string(),
            attempt,
            token,
            timeout: limits.timeout,
            heartbeat: limits.heartbeat,
        }));
    }

    fn tell_scheduled(
        &self,
        run: &mut Execution,
        frame: FrameId,
        limits: Limits,
        arguments: &Arc<Value>,
    ) {
        let details = Details::Scheduled {
            resource: Arc::clone(&self.resource),
            parameters: Arc::clone(arguments),
            timeout: limits.timeout,
            heartbeat: limits.heartbeat,
        };
        run.emit(frame, self.event(EventKind::TaskScheduled), details);
        let started = Details::Started(Arc::clone(&self.resource));
        run.emit(frame, self.event(EventKind::TaskStarted), started);
    }

    /// The answer came.
    pub(crate) fn answered(
        &self,
        state: &State,
        run: &mut Execution,
        frame: FrameId,
        output: Value,
    ) -> Result<(), Failure> {
        let output = Arc::new(output);
        run.limit(&output, || too_large(&self.resource))?;
        let kind = self.event(EventKind::TaskSucceeded);
        let details = Details::TaskOutput(Arc::clone(&self.resource), Arc::clone(&output));
        run.emit(frame, kind, details);
        run.leave(frame, &state.data, state.next, Some(&output))
    }

    /// Whether the call is only submitted, and the task ends later.
    pub(crate) fn submits(&self) -> bool {
        let pattern = self.resource.rsplit_once('.').map(|(_, pattern)| pattern);
        // `.sync:2` keeps its colon.
        pattern.is_some_and(|pattern| pattern == "waitForTaskToken" || pattern.starts_with("sync"))
    }

    /// The name that this resource's events have: Lambda's own ARNs have their own.
    pub(crate) fn event(&self, kind: EventKind) -> EventKind {
        if !self.resource.starts_with("arn:aws:lambda:") {
            return kind;
        }
        match kind {
            EventKind::TaskScheduled => EventKind::LambdaFunctionScheduled,
            EventKind::TaskStarted => EventKind::LambdaFunctionStarted,
            EventKind::TaskSucceeded => EventKind::LambdaFunctionSucceeded,
            EventKind::TaskFailed => EventKind::LambdaFunctionFailed,
            EventKind::TaskTimedOut => EventKind::LambdaFunctionTimedOut,
            other => other,
        }
    }
}

#[derive(Clone, Copy)]
struct Limits {
    timeout: Option<u64>,
    heartbeat: Option<u64>,
}

fn too_large(resource: &str) -> Failure {
    Failure::new(
        DATA_LIMIT,
        format!(
            "The state/task '{resource}' returned a result with a size exceeding the maximum number of bytes service limit."
        ),
    )
}
