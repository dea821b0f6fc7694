//! Every agent, by its offline method.

use std::collections::BTreeMap;
use std::sync::Arc;

use baton_agent::InProcess;

/// The agents by name.
pub(crate) fn all() -> BTreeMap<&'static str, Arc<dyn InProcess>> {
    let agents: Vec<Arc<dyn InProcess>> = vec![
        Arc::new(ad_assembly::AdAssembly),
        Arc::new(analyst::Analyst),
        Arc::new(attribution::Attribution),
        Arc::new(avatar_script::AvatarScript::default()),
        Arc::new(churn_prediction::ChurnPrediction),
        Arc::new(content_recommendation::ContentRecommendation),
        Arc::new(copywriting::Copywriting::default()),
        Arc::new(creative::Creative::default()),
        Arc::new(dynamic_pricing::DynamicPricing),
        Arc::new(image_generation::ImageGeneration::default()),
        Arc::new(journey_analysis::JourneyAnalysis),
        Arc::new(lead_scoring::LeadScoring),
        Arc::new(ltv_prediction::LtvPrediction),
        Arc::new(predictive_analytics::PredictiveAnalytics),
        Arc::new(qa::Qa),
        Arc::new(report_builder::ReportBuilder::default()),
        Arc::new(source_discovery::SourceDiscovery),
        Arc::new(source_ranking::SourceRanking),
        Arc::new(strategist::StrategistAgent::default()),
        Arc::new(user_segmentation::UserSegmentation),
        Arc::new(video_generation::VideoGeneration::default()),
        Arc::new(voice_adapter::VoiceAdapter::default()),
        Arc::new(wtp_scoring::WtpScoring),
    ];
    agents
        .into_iter()
        .map(|agent| (agent.name(), agent))
        .collect()
}
