using PkgForge.Platforms;
using PkgForge.Records;
using PkgForge.Registry.Builders;
using PkgForge.Server.Builds.Logs;
using PkgForge.Server.Builds.Roots;
using PkgForge.Server.Configuration;
using PkgForge.Server.Publishing;
using PkgForge.Sources;
using PkgForge.Spool;

namespace PkgForge.Server.Builds.Reproducing;

/// <summary>
/// Everything that it takes to do a recorded attempt again on this machine: the sources, out of the accepted area; the builder, with the limits of
/// then; a directory to work in. It reads results and buckets and changes neither; the registry it does not know.
/// </summary>
public sealed class Reconstruction : IAsyncDisposable
{
    private readonly FarmConfiguration configuration;
    private readonly SpoolDirectories spool;
    private readonly AttemptRecord record;
    private readonly Workplace place;

    private Reconstruction(
        FarmConfiguration configuration,
        SpoolDirectories spool,
        AttemptRecord record,
        (Workplace Place, RootBuilder Builder) made
    )
    {
        (this.configuration, this.spool, this.record) = (configuration, spool, record);
        (place, Builder) = made;
    }

    /// <summary>Builds as then.</summary>
    public RootBuilder Builder { get; }

    /// <summary>A directory of its own, for logs and what need not be kept.</summary>
    public string Directory => place.Path;

    /// <summary>Prepares it.</summary>
    /// <exception cref="ConfigurationException">This machine does not know how roots of the platform are made, or they are not.</exception>
    public static async Task<Reconstruction> OpenAsync(
        FarmConfiguration configuration,
        SpoolDirectories spool,
        AttemptRecord record,
        CancellationToken cancel
    )
    {
        var groups = ControlGroups.OfThisProcess;
        var own = await Workplace.OpenAsync(configuration.Work, groups, cancel);
        try
        {
            var then = WithLimits(configuration, record);
            return PackageBuilders.For(record.Platform, then, own.Path, groups) is RootBuilder builder
                ? new(configuration, spool, record, (own, builder))
                : throw new ConfigurationException(
                    $"{record.Platform} does not build in roots of the farm's own: there is none to open again"
                );
        }
        catch
        {
            await own.DisposeAsync();
            throw;
        }
    }

    /// <summary>A source, of which every byte is what it was.</summary>
    /// <exception cref="FarmFaultException">It is not there any more, or not what it was.</exception>
    public SourcePackage Source(RecordedBuild build, CancellationToken cancel)
    {
        var path = Path.Combine(spool.Accepted.PathOf(record.Job), build.Source);
        if (!File.Exists(path))
            throw new FarmFaultException(
                $"there is no {path}: the sources of {record.Job} are not in the accepted area of this machine any more"
            );
        var (package, result) = SourcePackages.Check(path, cancel);
        return package is not null && result.IsValid && package.Files.SequenceEqual(build.Files)
            ? package
            : throw new FarmFaultException($"{path} is not what was built then: {result}");
    }

    /// <summary>The order to build a source.</summary>
    public BuildRequest Request(SourcePackage source, string products, BuildLog log) =>
        new(source, products, Repositories(), log) { Bucket = Bucket ?? "" };

    /// <summary>The root that it was built in.</summary>
    public RecordedRoot RootOf(RecordedBuild build)
    {
        var layers = build
            .Layers.Select(name =>
                record.Layers.FirstOrDefault(layer => layer.Name == name)
                ?? throw new LayerGoneException(
                    $"the record says nothing of layer {name}, in which {build.Source} was built"
                )
            )
            .ToList();
        var products = new AttemptDirectory(spool.Results.PathOf(record.Job, record.Platform, record.Attempt)).Products;
        return new(layers, System.IO.Directory.Exists(products) ? products : null);
    }

    private string? Bucket => spool.Accepted.Read(record.Job).Job?.Bucket;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => place.DisposeAsync();

    /// <summary>What the buckets hold now, in case a layer has to be made again of it.</summary>
    private List<RepositoryReference> Repositories()
    {
        var format = configuration.Platforms[record.Platform].Format;
        var platform = new Platform(record.Platform, format, Active: true, Auto: true);
        return Bucket is not { } bucket || configuration.Buckets.GetValueOrDefault(bucket) is not { } options
            ? []
            :
            [
                .. options
                    .Uses.Select(used => BucketRepository.For(configuration.Repositories, used, platform).Reference())
                    .OfType<RepositoryReference>(),
            ];
    }

    private static FarmConfiguration WithLimits(FarmConfiguration configuration, AttemptRecord record)
    {
        if (!configuration.Platforms.TryGetValue(record.Platform, out var recipe))
            return configuration;
        return configuration with
        {
            // Where the top is, is this machine's affair.
            Limits = BuildLimits.Of(record.Limits) with
            {
                Top = configuration.LimitsOf(record.Platform).Top,
            },
            Platforms = new Dictionary<PlatformKey, PlatformRecipe>
            {
                [record.Platform] = recipe with { Limits = new() },
            },
        };
    }
}
