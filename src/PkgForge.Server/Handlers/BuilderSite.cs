using Microsoft.Extensions.Logging;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Configuration;

namespace PkgForge.Server.Handlers;

/// <summary>What a builder has of its own machine, wherever the farm is.</summary>
/// <param name="Configuration">Recipes, limits and the work directory are a builder's; nothing else of it is looked at.</param>
/// <param name="Log">Takes messages for the administrator.</param>
/// <param name="Time">The clock of this machine.</param>
public sealed record BuilderSite(FarmConfiguration Configuration, ILogger Log, TimeProvider Time)
{
    /// <summary>Where control groups of builds are made; null when none is delegated to this process.</summary>
    public ControlGroups? Groups { get; init; } = ControlGroups.OfThisProcess;
}
