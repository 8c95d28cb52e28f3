using System.Globalization;
using PkgForge.Spool;

namespace PkgForge.EndToEnd.Faults;

/// <summary>Which process comes to which fault point.</summary>
internal static class Points
{
    public const string Submit = "submit";
    public const string Incoming = "incoming";
    public const string Builder = "builder";

    /// <summary>The server of builders on other machines: it does what a builder beside the registry does itself.</summary>
    public const string Serve = "serve";

    private static readonly string[] OfServer =
    [
        "attach",
        "claim",
        "heartbeat",
        "finish",
        "end",
        "publish",
        "collect",
        "detach",
        "registry",
        "log",
    ];
    private static readonly string[] OfIncoming = ["incoming", "accepted", "intake", "register"];

    /// <summary>The N-th point, over and over.</summary>
    public static string Nth(int n) => FaultPoints.All[n % FaultPoints.All.Count];

    /// <summary>The process that is to die there; any of two for what both come to.</summary>
    public static string Stage(string point, Random random) =>
        point.Split('.')[0] switch
        {
            "submit" => Submit,
            "copy" => random.Next(2) == 0 ? Submit : Incoming,
            // Incoming writes in transactions only, one for each job.
            "registry" => point is FaultPoints.RegistryAsked or FaultPoints.RegistryAnswered || random.Next(2) == 0
                ? Builder
                : Incoming,
            var other when OfIncoming.Contains(other) => Incoming,
            _ => Builder,
        };

    /// <summary>The process where a builder has a server between itself and the registry.</summary>
    public static string Remote(string stage, string point) =>
        stage == Builder && OfServer.Contains(point.Split('.')[0]) ? Serve : stage;

    /// <summary>Any point that this process may come to.</summary>
    public static string Any(string stage, bool remote, Random random)
    {
        while (true)
        {
            var point = FaultPoints.All[random.Next(FaultPoints.All.Count)];
            var comes = Stage(point, random);
            if ((remote ? Remote(comes, point) : comes) == stage)
                return point;
        }
    }

    /// <summary>What arms it: for what is passed often, one of the times.</summary>
    public static string Arm(string point, string stage, Random random) =>
        point.StartsWith("registry.", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{point}:kill:{1 + random.Next(stage == Incoming ? 2 : 4)}")
            : point;
}
