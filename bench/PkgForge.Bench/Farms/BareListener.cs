using Npgsql;

namespace PkgForge.Bench.Farms;

/// <summary>The least that waking can cost: one connection inserts a task and notifies, another listens and claims it.</summary>
internal sealed class BareListener : IAsyncDisposable
{
    private const string Insert = """
        WITH added AS (
            INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, state)
            VALUES ($1, 'bare', 'bare', true, '[]', repeat('0', 64), now(), now(), 3) RETURNING number)
        INSERT INTO task (job, platform, lane, waiting) SELECT number, lane.platform, lane.id, now() FROM added, lane WHERE lane.bucket = 'bare'
        """;

    private const string Lane = """
        INSERT INTO lane (platform, priority, submitter, bucket)
        SELECT platform.id, 0, submitter.id, 'bare' FROM platform, submitter WHERE platform.key = 'bare-any' AND submitter.name = 'bare'
        """;

    // As the registry's claim, for a builder that does nothing else.
    private const string Claim = """
        UPDATE task SET state = 12, lease = lease + 1, lease_expires = now() + interval '30 s', claimed = now(), session = 1,
               builder = (SELECT id FROM builder WHERE name = 'bare'), turn = 0
        WHERE id = (SELECT id FROM task
                    WHERE lane = (SELECT id FROM lane WHERE bucket = 'bare') AND state = 11 AND blocked = 0
                    ORDER BY rank, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, lease
        """;

    private const string End = """
        UPDATE task SET state = 15, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL
        WHERE state = 12 AND builder = (SELECT id FROM builder WHERE name = 'bare')
        """;

    private readonly WakeFarm farm;
    private readonly NpgsqlConnection inserting;
    private readonly NpgsqlConnection listening;

    private BareListener(WakeFarm farm) =>
        (this.farm, inserting, listening) = (
            farm,
            new($"{farm.ConnectionString};Pooling=false;Max Auto Prepare=10;Auto Prepare Min Usages=2"),
            new($"{farm.ConnectionString};Pooling=false;Max Auto Prepare=10;Auto Prepare Min Usages=2")
        );

    public static async Task<BareListener> OpenAsync(WakeFarm farm)
    {
        var bare = new BareListener(farm);
        await bare.inserting.OpenAsync();
        await bare.listening.OpenAsync();
        await ExecuteAsync(bare.inserting, "INSERT INTO submitter (name) VALUES ('bare')");
        // A platform of its own: b1, which looks around when it has built, must not find the tasks.
        await ExecuteAsync(
            bare.inserting,
            "INSERT INTO platform (key, name, architecture, format, active, auto) VALUES ('bare-any', 'bare', 'any', 'dummy', true, false)"
        );
        await ExecuteAsync(bare.inserting, Lane);
        await ExecuteAsync(
            bare.inserting,
            "INSERT INTO builder (name, platform, session) SELECT 'bare', id, 1 FROM platform WHERE key = 'bare-any'"
        );
        await ExecuteAsync(bare.listening, "LISTEN bare");
        return bare;
    }

    /// <summary>Returns the milliseconds from the commit to the claim's answer.</summary>
    public async Task<double> InsertAsync(string id)
    {
        var claimed = ClaimAsync();
        await using (var transaction = await inserting.BeginTransactionAsync())
        {
            await ExecuteAsync(inserting, Insert, id);
            await ExecuteAsync(inserting, "SELECT pg_notify('bare', '')");
            await transaction.CommitAsync();
        }
        var time = await claimed - await farm.CommittedAsync(id);
        await ExecuteAsync(inserting, End);
        return time;
    }

    public async ValueTask DisposeAsync()
    {
        await inserting.DisposeAsync();
        await listening.DisposeAsync();
    }

    private async Task<double> ClaimAsync()
    {
        await listening.WaitAsync();
        await ExecuteAsync(listening, Claim);
        return WakeFarm.Now;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync();
    }
}
