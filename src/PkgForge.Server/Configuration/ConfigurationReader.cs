using PkgForge.Buckets;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry.Buckets;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds;
using PkgForge.Server.Checks;
using PkgForge.Server.Reporting;
using PkgForge.Sources;
using PkgForge.Yaml;

namespace PkgForge.Server.Configuration;

/// <summary>Makes a configuration out of a file's tree; keys that the file does not have stay as they were before.</summary>
internal sealed class ConfigurationReader(FarmConfiguration before)
{
    /// <summary>Keys of the file itself.</summary>
    internal static readonly string[] Keys =
    [
        "spool",
        "target",
        "registry",
        "repositories",
        "repositories_url",
        "work",
        "layers",
        "user",
        "submitters",
        "wait_for_job",
        "lease",
        "heartbeat",
        "proxy",
        "buckets",
        "platform_recipes",
        "limits",
        "mail",
        "serve",
        "bucket",
        "platforms",
        "architectures",
        "report",
        "priority",
    ];

    /// <summary>Keys of a bucket's section.</summary>
    internal static readonly string[] BucketKeys = ["uses", "lintian", "rpmlint", "submit"];

    /// <summary>Keys of a platform's section in <c>platform_recipes</c>.</summary>
    internal static readonly string[] RecipeKeys =
    [
        "preset",
        "format",
        "driver",
        "mock_configurations",
        "tarball",
        "suite",
        "mirror",
        "components",
        "keyrings",
        "packages",
        "repositories",
        "releasever",
        "gpgcheck",
        "gpgkeys",
        "refresh",
        "limits",
    ];

    public FarmConfiguration Read(YamlItem root)
    {
        var fields = new SettingFields(root, Keys);
        var target = Target(fields);
        var configuration = before with
        {
            Spool = fields.Path("spool", target is null or { IsFile: false } ? before.Spool : target.AbsolutePath),
            Server = target is { IsFile: false } ? target : before.Server,
            Registry = fields.Text("registry", before.Registry),
            Repositories = fields.Path("repositories", before.Repositories),
            RepositoriesUrl = fields.Text("repositories_url", before.RepositoriesUrl, RecipeRules.Url),
            Work = fields.Path("work", before.Work),
            Layers = fields.Size("layers", before.Layers),
            Proxy = fields.Text("proxy", before.Proxy, RecipeRules.Proxy),
            User = fields.Text("user", before.User),
            Submitters = fields.Text("submitters", before.Submitters),
            WaitForJob = fields.Time("wait_for_job", before.WaitForJob),
            Lease = fields.Time("lease", before.Lease),
            Heartbeat = fields.Time("heartbeat", before.Heartbeat),
            Buckets = fields.Map("buckets", before.Buckets, Bucket),
            Platforms = fields.Map("platform_recipes", before.Platforms, Recipe),
            Limits = fields.Section("limits", before.Limits, (item, old) => LimitsSection.Read(item, "").Over(old)),
            Mail = fields.Section("mail", before.Mail, MailSection.Read),
            Serve = fields.Section("serve", before.Serve, ServeSection.Read),
            Submit = Submit(fields),
        };
        Check(configuration, fields);
        return configuration;
    }

    /// <summary>A server, or a directory as an address of its own kind; null when nothing is said.</summary>
    private static Uri? Target(SettingFields fields)
    {
        static bool Is(string text, out Uri? address) =>
            Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is ("https" or "http" or "file");
        var text = fields.Text(
            "target",
            "",
            text => Is(text, out _) ? null : "a path that begins with /, or a server's address: https://HOST"
        );
        return Is(text, out var target) ? target : null;
    }

    private SubmitDefaults Submit(SettingFields fields) =>
        before.Submit with
        {
            Bucket = fields.Text("bucket", before.Submit.Bucket, JobRules.Bucket),
            Platforms = fields.Texts("platforms", before.Submit.Platforms, JobRules.Word),
            Architectures = fields.Texts("architectures", before.Submit.Architectures, JobRules.Word),
            Report = fields.Texts("report", before.Submit.Report, JobRules.Address),
            Priority = fields.Choice<Priority>("priority", before.Submit.Priority),
        };

    private static void Check(FarmConfiguration configuration, SettingFields fields)
    {
        if (configuration.Heartbeat * 2 > configuration.Lease)
            throw fields.Refuse("heartbeat", "at most half of the lease, so that one lost beat does not lose the task");
        foreach (var (name, bucket) in configuration.Buckets)
        {
            if (bucket.Uses.FirstOrDefault(used => !configuration.Buckets.ContainsKey(used)) is { } unknown)
                throw fields.Refuse("buckets", $"that '{name}' uses buckets that are in the list; '{unknown}' is not");
        }
    }

    private static (string, BucketOptions) Bucket(string name, YamlItem item)
    {
        if (!BucketName.IsWellFormed(name))
            throw new YamlFormatException(item.Line, $"'{name}' is not a bucket's name: {BucketName.Rule}");
        var fields = new SettingFields(item, BucketKeys, $"buckets: {name}: ");
        return (
            name,
            new(
                fields.Texts("uses", [name], JobRules.Bucket),
                fields.Choice<CheckMode>("lintian", CheckMode.Inform),
                fields.Choice<CheckMode>("rpmlint", CheckMode.Inform),
                fields.Choice<BucketSubmitters>("submit", BucketSubmitters.Everybody)
            )
        );
    }

    private static (PlatformKey, PlatformRecipe) Recipe(string name, YamlItem item)
    {
        if (!PlatformKey.TryParse(name, out var key))
            throw new YamlFormatException(item.Line, $"'{name}' is not a platform: expected {PlatformKey.Rule}");
        return (key, Recipe(key, item, $"platform_recipes: {name}: "));
    }

    /// <summary>Reads how the root of a platform is made.</summary>
    /// <param name="key">The platform.</param>
    /// <param name="item">The section, or the whole of a platform's own file.</param>
    /// <param name="prefix">What messages begin with.</param>
    internal static PlatformRecipe Recipe(PlatformKey key, YamlItem item, string prefix)
    {
        var fields = new SettingFields(item, RecipeKeys, prefix);
        var recipe = Preset(key, fields) ?? new PlatformRecipe { Format = fields.Choice<PackageFormat>("format") };
        recipe = recipe with
        {
            Format = fields.Choice<PackageFormat>("format", recipe.Format),
            Driver = fields.Choice<BuildDriver>("driver", recipe.Driver),
            MockConfigurations = fields.Text("mock_configurations", recipe.MockConfigurations, RecipeRules.File),
            Tarball = fields.Path("tarball", recipe.Tarball),
            Keyrings = fields.Texts("keyrings", recipe.Keyrings, RecipeRules.File),
            Suite = fields.Text("suite", recipe.Suite.Length > 0 ? recipe.Suite : key.Name, RecipeRules.Word),
            Mirror = fields.Text("mirror", recipe.Mirror, RecipeRules.Url),
            Components = fields.Texts("components", recipe.Components, RecipeRules.Word),
            Packages = fields.Texts("packages", recipe.Packages, RecipeRules.Package),
            Repositories = fields.Map("repositories", recipe.Repositories, Repository),
            ReleaseVersion = fields.Text("releasever", recipe.ReleaseVersion, RecipeRules.Word),
            CheckSignatures = fields.Flag("gpgcheck", recipe.CheckSignatures),
            Keys = fields.Texts("gpgkeys", recipe.Keys, RecipeRules.Url),
            Refresh = fields.Time("refresh", recipe.Refresh),
            Limits = fields.Section("limits", recipe.Limits, (limits, _) => LimitsSection.Read(limits, prefix)),
        };
        var (wrong, rule) = recipe
            .Repositories.Values.Select(value => (value, RecipeRules.Repository(recipe.Format, value)))
            .FirstOrDefault(r => r.Item2 is not null);
        if (wrong is not null)
            throw fields.Refuse("repositories", $"{rule}; '{wrong}' is not");
        if (RecipeRules.Driver(recipe) is { } misfit)
            throw fields.Refuse(misfit.Key, misfit.Expected);
        // dnf would stop at the first package, in many words. A site's own configurations of mock have their own.
        return
            recipe is { Format: PackageFormat.Rpm, CheckSignatures: true, Keys.Count: 0, MockConfigurations.Length: 0 }
            ? throw fields.Refuse(
                "gpgkeys",
                "URLs of the keys that packages are signed with, or 'gpgcheck: false' for a distribution that signs none"
            )
            : recipe;
    }

    private static PlatformRecipe? Preset(PlatformKey key, SettingFields fields)
    {
        if (fields.Text("preset", null, RecipeRules.Word) is not { } name)
            return null;
        var (recipe, error) = Presets.Find(name, key);
        return recipe ?? throw fields.Refuse("preset", error!);
    }

    private static (string, string) Repository(string name, YamlItem item)
    {
        if (RecipeRules.RepositoryName(name) is { } rule)
            throw new YamlFormatException(item.Line, $"'{name}' is not a repository's name: expected {rule}");
        return item is YamlText { Value: var where }
            ? (name, where)
            : throw new YamlFormatException(item.Line, $"repository {name} is {item.Kind}; expected text");
    }
}
