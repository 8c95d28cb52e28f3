using System.Globalization;
using PkgForge.Spool;

namespace PkgForge.EndToEnd.Faults;

/// <summary>Which process comes to which fault point.</summary>
internal static class Points
{
    public const string Submit = "submit";
    public const string Incoming = "incoming";
    public const string Builder = "builder";

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

    /// <summary>Any point that this process may come to.</summary>
    public static string Any(string stage, Random random)
    {
        while (true)
        {
            var point = FaultPoints.All[random.Next(FaultPoints.All.Count)];
            if (Stage(point, random) == stage)
                return point;
        }
    }

    /// <summary>What arms it: for what is passed often, one of the times.</summary>
    public static string Arm(string point, string stage, Random random) =>
        point.StartsWith("registry.", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{point}:kill:{1 + random.Next(stage == Incoming ? 2 : 4)}")
            : point;
}
