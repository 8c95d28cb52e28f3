using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PkgForge.Platforms;
using PkgForge.Server.Builds;

namespace PkgForge.Server.Remote;

/// <summary>
/// Writes how a platform's packages are built as a piece of <c>pkgforge.yml</c>, for a machine that has no configuration of its own. It is
/// JSON, of which every document is YAML too.
/// </summary>
internal static class RecipeText
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(PlatformKey platform, PlatformRecipe recipe, BuildLimits limits)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteStartObject("platform_recipes");
            json.WriteStartObject(platform.ToString());
            WriteRecipe(json, recipe);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("limits");
            WriteLimits(json, limits);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteRecipe(Utf8JsonWriter json, PlatformRecipe recipe)
    {
        json.WriteString("format", recipe.Format.ToString().ToLowerInvariant());
        if (recipe.Suite.Length > 0)
            json.WriteString("suite", recipe.Suite);
        json.WriteString("mirror", recipe.Mirror);
        WriteList(json, "components", recipe.Components);
        WriteList(json, "packages", recipe.Packages);
        json.WriteStartObject("repositories");
        foreach (var (name, url) in recipe.Repositories)
            json.WriteString(name, url);
        json.WriteEndObject();
        if (recipe.ReleaseVersion.Length > 0)
            json.WriteString("releasever", recipe.ReleaseVersion);
        json.WriteBoolean("gpgcheck", recipe.CheckSignatures);
        WriteList(json, "gpgkeys", recipe.Keys);
        json.WriteString("refresh", Seconds(recipe.Refresh));
    }

    // How many jobs run side by side follows from the builder's machine, not from the server's.
    private static void WriteLimits(Utf8JsonWriter json, BuildLimits limits)
    {
        json.WriteString("time", Seconds(limits.Time));
        json.WriteString("silence", Seconds(limits.Silence));
        json.WriteString("log", limits.Log.ToString(CultureInfo.InvariantCulture));
        json.WriteString("root", limits.Root.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("processes", limits.Processes);
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)}s";

    private static void WriteList(Utf8JsonWriter json, string key, IReadOnlyList<string> values)
    {
        json.WriteStartArray(key);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
