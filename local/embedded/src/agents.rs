//! The agents, linked into the process, and ways to break them on purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use ad_assembly::AdAssembly;
use analyst::Analyst;
use attribution::Attribution;
use avatar_script::AvatarScript;
use baton_agent::{Failure, InProcess};
use churn_prediction::ChurnPrediction;
use content_recommendation::ContentRecommendation;
use copywriting::Copywriting;
use creative::Creative;
use dynamic_pricing::DynamicPricing;
use image_generation::ImageGeneration;
use journey_analysis::JourneyAnalysis;
use lead_scoring::LeadScoring;
use ltv_prediction::LtvPrediction;
use predictive_analytics::PredictiveAnalytics;
use qa::Qa;
use report_builder::ReportBuilder;
use serde_json::Value;
use source_discovery::SourceDiscovery;
use source_ranking::SourceRanking;
use strategist::StrategistAgent;
use tokio::task::JoinSet;
use user_segmentation::UserSegmentation;
use video_generation::VideoGeneration;
use voice_adapter::VoiceAdapter;
use wtp_scoring::WtpScoring;

/// How an agent is broken, to see what its workflow makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// The agent's own method fails; its fallback answers.
    Method,
    /// Every invocation fails.
    Everything,
}

/// No agent has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no agent `{name}`; there are: {known}")]
pub struct UnknownAgent {
    name: String,
    known: String,
}

/// A setting of an agent means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentSettingError {
    /// Of one that asks a model.
    #[error(transparent)]
    Model(#[from] baton_model::SettingError),
    /// Of one that chooses a voice.
    #[error(transparent)]
    Voice(#[from] voice_adapter::UnknownProvider),
    /// Of one that asks a partner.
    #[error(transparent)]
    Partner(#[from] baton_partners::SettingError),
}

/// The agents that ask a model or a partner where one is configured.
struct Asking {
    strategist: StrategistAgent,
    creative: Creative,
    report_builder: ReportBuilder,
    copywriting: Copywriting,
    image_generation: ImageGeneration,
    avatar_script: AvatarScript,
    voice_adapter: VoiceAdapter,
    video_generation: VideoGeneration,
}

/// The agents by name.
#[derive(Clone)]
pub struct Agents {
    agents: BTreeMap<&'static str, Arc<dyn InProcess>>,
    broken: BTreeMap<String, Breakage>,
}

impl Agents {
    /// Every agent that ships with Baton, by its offline method.
    pub fn all() -> Self {
        Self::of(Asking {
            strategist: StrategistAgent::default(),
            creative: Creative::default(),
            report_builder: ReportBuilder::default(),
            copywriting: Copywriting::default(),
            image_generation: ImageGeneration::default(),
            avatar_script: AvatarScript::default(),
            voice_adapter: VoiceAdapter::default(),
            video_generation: VideoGeneration::default(),
        })
    }

    /// The same, asking the model and the maker of videos that the environment configures, if it does.
    ///
    /// # Errors
    /// A setting of models or of videos that means nothing.
    pub fn from_env() -> Result<Self, AgentSettingError> {
        Ok(Self::of(Asking {
            strategist: StrategistAgent::from_env()?,
            creative: Creative::from_env()?,
            report_builder: ReportBuilder::from_env()?,
            copywriting: Copywriting::from_env()?,
            image_generation: ImageGeneration::from_env()?,
            avatar_script: AvatarScript::from_env()?,
            voice_adapter: VoiceAdapter::from_env()?,
            video_generation: VideoGeneration::from_env()?,
        }))
    }

    fn of(asking: Asking) -> Self {
        let agents: [Arc<dyn InProcess>; 23] = [
            Arc::new(WtpScoring),
            Arc::new(UserSegmentation),
            Arc::new(ContentRecommendation),
            Arc::new(DynamicPricing),
            Arc::new(LeadScoring),
            Arc::new(ChurnPrediction),
            Arc::new(LtvPrediction),
            Arc::new(JourneyAnalysis),
            Arc::new(Attribution),
            Arc::new(PredictiveAnalytics),
            Arc::new(Analyst),
            Arc::new(asking.strategist),
            Arc::new(asking.creative),
            Arc::new(Qa),
            Arc::new(SourceDiscovery),
            Arc::new(SourceRanking),
            Arc::new(asking.report_builder),
            Arc::new(AdAssembly),
            Arc::new(asking.copywriting),
            Arc::new(asking.image_generation),
            Arc::new(asking.avatar_script),
            Arc::new(asking.voice_adapter),
            Arc::new(asking.video_generation),
        ];
        let agents = agents
            .into_iter()
            .map(|agent| (agent.name(), agent))
            .collect();
        Self {
            agents,
            broken: BTreeMap::new(),
        }
    }

    /// The same agents with this one in the place of the one of its name.
    #[must_use]
    pub fn with(mut self, agent: Arc<dyn InProcess>) -> Self {
        self.agents.insert(agent.name(), agent);
        self
    }

    /// Names of the agents, with every error code that each may fail with.
    pub fn codes(&self) -> BTreeMap<&'static str, Vec<&'static str>> {
        self.agents
            .iter()
            .map(|(name, agent)| (*name, agent.codes()))
            .collect()
    }

    /// The same agents with one of them broken on purpose.
    ///
    /// # Errors
    /// When no agent has the name.
    pub fn breaking(mut self, name: &str, breakage: Breakage) -> Result<Self, UnknownAgent> {
        if !self.agents.contains_key(name) {
            let known = self.agents.keys().copied().collect::<Vec<_>>().join(", ");
            return Err(UnknownAgent {
                name: name.to_owned(),
                known,
            });
        }
        self.broken.insert(name.to_owned(), breakage);
        Ok(self)
    }

    /// Invokes an agent in a task of its own, so that agents run on every core; the task ends
    /// with the future.
    ///
    /// # Errors
    /// The agent's failure, or one that says that there is no such agent.
    pub async fn invoke(&self, name: &str, payload: Value) -> Result<Value, Failure> {
        let Some(agent) = self.agents.get(name).cloned() else {
            return Err(Failure::new(
                "Lambda.ResourceNotFoundException",
                format!("no `{name}`"),
            ));
        };
        if self.is_broken(name, &payload) {
            return Err(Failure::new(
                "BrokenOnPurpose",
                format!("{name} is switched off"),
            ));
        }
        let mut task = JoinSet::new();
        task.spawn(async move { agent.invoke(payload).await });
        let died = || Failure::new("Lambda.Unknown", "the agent's task died");
        task.join_next()
            .await
            .and_then(Result::ok)
            .unwrap_or_else(|| Err(died()))
    }

    fn is_broken(&self, name: &str, payload: &Value) -> bool {
        match self.broken.get(name) {
            None => false,
            Some(Breakage::Everything) => true,
            Some(Breakage::Method) => payload["mode"] != "fallback",
        }
    }
}
