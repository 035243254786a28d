import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Runs one node of Elasticsearch until it gets a signal: java elasticsearch-node.java <home> <folder> <port> */
class ElasticsearchNode {
  public static void main(String[] args) throws Exception {
    var home = Path.of(args[0]);
    var folder = Path.of(args[1]);
    var settings = Settings.builder()
        .put("path.home", home)
        .put("path.data", folder.resolve("data"))
        .put("path.logs", folder.resolve("logs"))
        .put("network.host", "127.0.0.1")
        .put("http.port", args[2])
        .put("transport.port", "0")
        .put("discovery.type", "single-node")
        .put("node.store.allow_mmap", false)
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .build();
    LogConfigurator.configureESLogging();
    var environment = InternalSettingsPreparer.prepareEnvironment(
        settings, Map.of(), folder.resolve("config"), () -> "ego-test");
    var modules = PluginsLoader.loadModulesBundles(environment.modulesDir());
    var loader = PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of(), false);
    var node = new Node(environment, loader);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    // The threads of the node do not keep the process alive.
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception failure) {
      failure.printStackTrace();
    }
  }
}
