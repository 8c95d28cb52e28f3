using System.Globalization;
using PkgForge.Registry;

namespace PkgForge.Web.Api;

/// <summary>How addresses ask for what was done: those of the API, and those of pages.</summary>
public static class AuditQueries
{
    /// <summary>The part of an address that asks for it, with a question mark.</summary>
    public static string Address(AuditQuery query)
    {
        var parts = new List<string>();
        foreach (
            var (name, value) in new[]
            {
                ("account", query.Account),
                ("action", query.Action),
                ("subject", query.Subject),
                ("before", query.Before?.ToString(CultureInfo.InvariantCulture)),
            }
        )
            if (value is not null)
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        return $"?{string.Join('&', parts)}";
    }
}
