using Microsoft.Extensions.Logging;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>What every handler works with.</summary>
/// <param name="Configuration">What <c>pkgforge.yml</c> says.</param>
/// <param name="Registry">The registry.</param>
/// <param name="Spool">The spool.</param>
/// <param name="Log">Takes messages for the administrator.</param>
/// <param name="Time">The clock of this machine.</param>
public sealed record Farm(
    FarmConfiguration Configuration,
    IRegistry Registry,
    SpoolDirectories Spool,
    ILogger Log,
    TimeProvider Time
);
