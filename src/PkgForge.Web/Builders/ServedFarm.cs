using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Spool;

namespace PkgForge.Web.Builders;

/// <summary>What the server serves.</summary>
/// <param name="Registry">Knows tokens, and which builder holds which task.</param>
/// <param name="Farm">The farm as builders of this machine see it.</param>
/// <param name="Files">The files of this machine that those of others are given.</param>
/// <param name="Results">Logs and products, for those who look.</param>
/// <param name="Time">The clock of this machine.</param>
public sealed record ServedFarm(
    IRegistry Registry,
    IBuilderFarm Farm,
    IBuilderFiles Files,
    ResultsArea Results,
    TimeProvider Time
);
